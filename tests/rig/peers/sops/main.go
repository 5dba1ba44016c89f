//go:build tools

// Package main pins sops; ../../build makes the binary.
package main
