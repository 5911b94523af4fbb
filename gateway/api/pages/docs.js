// Shows the contract with Swagger UI. In a file of its own, because the content
// security policy allows no inline script.
"use strict";
SwaggerUIBundle({
  url: "openapi.yaml",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 1,
  displayRequestDuration: true,
  validatorUrl: null,
  persistAuthorization: false,
});
