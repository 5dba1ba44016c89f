//go:build tools

// Package main pins Kubernetes, etcd and kwok, which share one set of libraries; ../../build makes the binaries.
package main
