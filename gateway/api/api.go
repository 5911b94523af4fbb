// Package api is the HTTP face of the gateway: gin, routes, authentication,
// problem documents, documentation. It is the only importer of gin.
package api

//go:generate go -C ../../.ci/tools tool oapi-codegen -config ../../contracts/models.codegen.yaml -o ../../gateway/model.gen.go ../../contracts/openapi.yaml
//go:generate go -C ../../.ci/tools tool oapi-codegen -config ../../contracts/server.codegen.yaml -o ../../gateway/api/server.gen.go ../../contracts/openapi.yaml
