//go:build tools

// Package main pins kwok; ../../build makes the binary.
package main
