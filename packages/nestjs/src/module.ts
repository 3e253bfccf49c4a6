import type { AcceptsToken, ClerkAuth, ClerkAuthOptions } from '@clerk-auth/core'
import { instanceOf, isInstance } from '@clerk-auth/core/adapter'
import type { ProtectedResource } from '@clerk-auth/core/mcp'
import {
  Inject,
  Optional,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD } from '@nestjs/core'
import { appGuard } from './app-guard.js'
import { CLERK_AUTH } from './instance.js'
import { RESOURCES } from './protected-resource.js'
import { RefusalFilter } from './refuse.js'

/** The options of core, or an instance created with `createClerkAuth`. */
export type ClerkAuthModuleOptions = ClerkAuthOptions | ClerkAuth<AcceptsToken>

export interface ClerkAuthModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider, 'inject'> {
  readonly useFactory: FactoryProvider<ClerkAuthModuleOptions>['useFactory']
}

const OPTIONS = Symbol('options of ClerkAuthModule')
const IS_CALLED = Symbol('forRoot() or forRootAsync() was called')

/**
 * Guards the whole application: a route requires a session unless it is decorated with `@RequireAuth()` or `@Public()`.
 * Import it once, in the root module.
 */
export class ClerkAuthModule {
  // The bare class is a module too, without providers: it would guard nothing.
  constructor(@Optional() @Inject(IS_CALLED) isCalled?: true) {
    if (!isCalled)
      throw new TypeError(
        'ClerkAuthModule guards nothing without a call: write ClerkAuthModule.forRoot(), once, in the root module',
      )
  }

  /**
   * Missing options are read from the environment when the application starts, which fails with a `TypeError` if an
   * option is invalid or missing.
   */
  static forRoot(options: ClerkAuthModuleOptions = {}): DynamicModule {
    return moduleWith({ provide: OPTIONS, useValue: options })
  }

  /** Like {@link forRoot}, with options that depend on other providers. */
  static forRootAsync({ imports = [], inject = [], useFactory }: ClerkAuthModuleAsyncOptions): DynamicModule {
    return { ...moduleWith({ provide: OPTIONS, useFactory, inject }), imports }
  }
}

function moduleWith(options: Provider): DynamicModule {
  return {
    module: ClerkAuthModule,
    global: true,
    providers: [
      options,
      { provide: IS_CALLED, useValue: true },
      { provide: CLERK_AUTH, useFactory: instanceOf, inject: [OPTIONS] },
      { provide: RESOURCES, useFactory: (): ProtectedResource[] => [] },
      { provide: APP_GUARD, useFactory: appGuard, inject: [CLERK_AUTH, RESOURCES] },
      { provide: APP_FILTER, useClass: RefusalFilter },
      { provide: Symbol('close'), useFactory: closing, inject: [OPTIONS, CLERK_AUTH] },
    ],
    exports: [CLERK_AUTH, RESOURCES],
  }
}

/** Closes only an instance created here; the application closes its own. */
function closing(options: ClerkAuthModuleOptions, clerk: ClerkAuth<AcceptsToken>) {
  return {
    onApplicationShutdown: () => {
      if (!isInstance(options)) clerk.close()
    },
  }
}
