// Pins olareg, a registry that tests run against, by version and by the hashes in go.sum. There is no `tool` line, which
// Go before 1.24 does not know, so `go mod tidy` would empty this. Another version: in this folder,
// `go get github.com/olareg/olareg/cmd/olareg@vX.Y.Z`.
module registry-purge/testbed/obtain/olareg

go 1.21

require (
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/olareg/olareg v0.1.2 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/spf13/cobra v1.8.1 // indirect
	github.com/spf13/pflag v1.0.6 // indirect
)
