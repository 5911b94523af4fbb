package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// livez says that the process answers.
func (s *server) livez(c *gin.Context) { s.healthy(c) }

// readyz says whether the gateway has what it needs. An error of Ready that has
// no kind becomes "overloaded", a 503, and not the 500 of a defect: being not
// ready is no defect.
func (s *server) readyz(c *gin.Context) {
	err := s.Ready(c.Request.Context())
	if err == nil {
		s.healthy(c)
		return
	}
	if fault.KindOf(err) == fault.Internal {
		err = fault.Wrap(fault.Overloaded, "check readiness", err)
	}
	s.fail(c, err)
}

func (s *server) healthy(c *gin.Context) {
	c.Header("Content-Type", "application/json")
	c.Status(http.StatusOK)
	if err := writeJSON(c.Writer, gateway.Health{Status: gateway.HealthStatusOk}); err != nil {
		_ = c.Error(err) // the caller has gone
	}
}
