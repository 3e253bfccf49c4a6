import { isExpress } from './express.js'
import { UnlistableApp } from './unlistable-app.js'

/**
 * The application in what a module exports: its default export, or what that function makes.
 *
 * @throws {UnlistableApp} if the module has no default export
 */
export async function exportedApp(module: object): Promise<unknown> {
  if (!('default' in module))
    throw new UnlistableApp('it has no default export: export the application, or a function that makes it')
  // TypeScript compiled to CommonJS has its default export inside that of the module.
  const exported = await (isCompiled(module.default) ? module.default.default : module.default)
  return typeof exported === 'function' && !isExpress(exported) ? await (exported as () => unknown)() : exported
}

function isCompiled(value: unknown): value is { readonly default: unknown } {
  return typeof value === 'object' && value !== null && '__esModule' in value && 'default' in value
}
