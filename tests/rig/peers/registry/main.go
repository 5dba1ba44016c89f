//go:build tools

// Package main pins an OCI registry; ../../build makes the binary.
package main
