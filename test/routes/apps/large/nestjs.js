import { ClerkAuthModule, RequireAuth } from '@clerk-auth/nestjs'
import { Controller, Get, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { groups, names } from './size.js'

/**
 * @param {string} group
 * @returns {import('@nestjs/common').Type}
 */
function controller(group) {
  class Routes {}
  /** @param {string} name @param {MethodDecorator[]} decorators */
  const add = (name, ...decorators) => {
    const descriptor = { value: () => ({}), configurable: true, writable: true }
    Object.defineProperty(Routes.prototype, name, descriptor)
    for (const decorate of decorators) decorate(Routes.prototype, name, descriptor)
  }
  for (const name of names) {
    add(`get-${name}`, Get(`${name}/:id`), RequireAuth({ permission: 'org:invoices:read' }))
    add(`post-${name}`, Post(name), RequireAuth({ role: 'org:admin' }))
  }
  RequireAuth({ org: (context) => context.switchToHttp().getRequest().params.orgId })(Routes)
  Controller(`orgs/:orgId/${group}`)(Routes)
  return Routes
}

export default () => {
  const root = { module: class Root {}, imports: [ClerkAuthModule.forRoot()], controllers: groups.map(controller) }
  return NestFactory.create(root, { logger: false, abortOnError: false })
}
