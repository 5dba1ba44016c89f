//go:build tools

// Package main pins Kubernetes and etcd, which share one set of libraries; ../../build makes the binaries.
package main
