import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Injectable, type NestMiddleware } from '@nestjs/common'

@Injectable()
export class RequestIdMiddleware implements NestMiddleware {
  use(_request: IncomingMessage, response: ServerResponse, next: () => void): void {
    response.setHeader('x-request-id', randomUUID())
    next()
  }
}
