import { isExpress } from './express.js'
import { UnlistableApp } from './unlistable-app.js'

/**
 * The application in what a module exports: its default export, or what that function makes.
 *
 * @throws {UnlistableApp} if the module has no default export
 */
export async function exportedApp(module: object): Promise<unknown> {
  // A module that was compiled to CommonJS has its default export inside that of the module.
  const own = 'default' in module && isCompiled(module.default) ? module.default : module
  if (!('default' in own))
    throw new UnlistableApp('it has no default export: export the application, or a function that makes it')
  const exported = await own.default
  return typeof exported === 'function' && !isExpress(exported) ? await (exported as () => unknown)() : exported
}

function isCompiled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && '__esModule' in value
}
