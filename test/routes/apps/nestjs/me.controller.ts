import { Auth, RequireAuth, type SessionAuth } from '@clerk-auth/nestjs'
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  ParseIntPipe,
  Patch,
  Post,
  Put,
  Redirect,
  Version,
} from '@nestjs/common'

/** What a patient sees and changes of their own account: the guard of the module is enough. */
@Controller('me')
export class MeController {
  @Get()
  get(@Auth() auth: SessionAuth) {
    return { userId: auth.userId }
  }

  @Patch()
  update(@Body() body: object) {
    return body
  }

  @Delete()
  @HttpCode(204)
  @RequireAuth({ reverification: 'strict', impersonation: 'deny' })
  remove() {}

  @Get('documents')
  documents() {
    return []
  }

  @Get('documents/:documentId')
  document(@Param('documentId', ParseIntPipe) documentId: number) {
    return { documentId }
  }

  @Put('documents/:documentId')
  replace(@Param('documentId', ParseIntPipe) documentId: number) {
    return { documentId }
  }

  @Post('documents')
  upload() {
    return {}
  }

  @Get('portrait')
  @Redirect('https://images.example.com/portrait.png')
  portrait() {}

  @Get('settings')
  settings() {
    return {}
  }

  @Get('preferences')
  @Version('2')
  @RequireAuth()
  preferences() {
    return {}
  }
}
