//go:build minimal

package builtinplugins

import kubernetes "github.com/hashicorp/vault-plugin-auth-kubernetes"

// The rig's Vault has one auth method beside those of every minimal build.
func extendAddonPlugins(plugins *registry) {
	plugins.credentialBackends["kubernetes"] = credentialBackend{Factory: kubernetes.Factory}
}
