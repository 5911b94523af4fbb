# kopir: one static binary, no shell, no package manager, not root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -tags nomsgpack -ldflags="-s -w" -o /kopir ./cmd/kopir

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /kopir /kopir
# The journal and other state; mount a volume here.
WORKDIR /var/lib/kopir
EXPOSE 8080
ENTRYPOINT ["/kopir"]
CMD ["serve", "--config", "/etc/kopir/kopir.yaml"]
