//go:build tools

// Package main pins External Secrets, the notification-controller and kwok, which share one set of libraries; ../../build makes the binaries.
package main
