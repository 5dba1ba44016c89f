//go:build tools

// Package main pins k8s.io/kubernetes/cmd/kube-apiserver; its binary is built by ../../build.
package main
