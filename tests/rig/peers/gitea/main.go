//go:build tools

// Package main pins Gitea; ../../build makes the binary.
package main
