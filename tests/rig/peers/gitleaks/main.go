//go:build tools

// Package main pins gitleaks; ../../build makes the binary.
package main
