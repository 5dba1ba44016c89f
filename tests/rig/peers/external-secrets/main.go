//go:build tools

// Package main pins github.com/external-secrets/external-secrets; its binary is built by ../../build.
package main
