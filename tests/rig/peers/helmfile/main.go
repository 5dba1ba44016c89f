//go:build tools

// Package main pins helmfile; ../../build makes the binary.
package main
