import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import { tap, type Observable } from 'rxjs'

@Injectable()
export class TimingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const start = performance.now()
    const response = context.switchToHttp().getResponse<{ header(name: string, value: string): void }>()
    return next.handle().pipe(tap(() => response.header('server-timing', `handler;dur=${performance.now() - start}`)))
  }
}
