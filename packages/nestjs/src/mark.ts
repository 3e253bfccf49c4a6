// oxlint-disable-next-line import/no-unassigned-import -- adds Reflect.getMetadata()
import 'reflect-metadata'
import { DESCRIPTION } from '@clerk-auth/core/adapter'
import { SetMetadata, type ExecutionContext } from '@nestjs/common'

/** What `@RequireAuth()` or `@Public()` says about a handler or a controller. */
export interface Mark {
  readonly isPublic: boolean
  /** Whether every caller that gets past the guard has a session token. */
  readonly acceptsOnlySessions: boolean
}

/** @throws {TypeError} if the same handler or controller is marked as public and as guarded */
export function mark(added: Mark): ClassDecorator & MethodDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const marked = (descriptor?.value ?? target) as Function
    const earlier = Reflect.getOwnMetadata(DESCRIPTION, marked) as Mark | undefined
    if (earlier && earlier.isPublic !== added.isPublic)
      throw new TypeError(`${marked.name} is decorated with @Public() and with @RequireAuth(): keep one of them`)
    const acceptsOnlySessions = added.acceptsOnlySessions || earlier?.acceptsOnlySessions === true
    SetMetadata(DESCRIPTION, Object.freeze({ ...added, acceptsOnlySessions }))(marked)
  }
}

/** The marks of the handler and of its controller, the nearest first. */
export function marksOf(context: ExecutionContext): readonly Mark[] {
  return [context.getHandler(), context.getClass()].flatMap(
    (marked: object) => (Reflect.getMetadata(DESCRIPTION, marked) as Mark | undefined) ?? [],
  )
}

export function isMarkedPublic(context: ExecutionContext): boolean {
  return marksOf(context)[0]?.isPublic === true
}
