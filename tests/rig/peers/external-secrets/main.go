//go:build tools

// Package main pins External Secrets and the notification-controller, which share one set of libraries; ../../build makes the binaries.
package main
