// Command etcd is the upstream program, built from its library.
package main

import (
	"os"

	upstream "go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { upstream.Main(os.Args) }
