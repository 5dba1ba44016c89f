//go:build tools

// Package main pins code.gitea.io/gitea; its binary is built by ../../build.
package main
