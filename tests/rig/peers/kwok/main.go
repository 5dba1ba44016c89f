//go:build tools

// Package main pins sigs.k8s.io/kwok/cmd/kwok; its binary is built by ../../build.
package main
