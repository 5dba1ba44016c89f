// Command vault is the upstream program, built from its library.
package main

import (
	"os"

	upstream "github.com/hashicorp/vault/command"
)

func main() { os.Exit(upstream.Run(os.Args[1:])) }
