//go:build tools

// Package main pins helm and sealed-secrets, which share one set of libraries; ../../build makes the binaries.
package main
