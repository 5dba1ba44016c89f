//go:build tools

// Package main pins the controllers of Flux and its operator, which share one set of libraries; ../../build makes the binaries.
package main
