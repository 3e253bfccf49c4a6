/** A NestJS application without the decorator syntax, which JavaScript does not have. */
exports.listen = async function listen({ ClerkAuthModule, RequireAuth, Controller, Get, Module, NestFactory }) {
  class AppController {
    admin() {
      return {}
    }
  }
  const handler = Object.getOwnPropertyDescriptor(AppController.prototype, 'admin')
  for (const decorate of [Get('admin'), RequireAuth({ role: 'org:admin' })])
    decorate(AppController.prototype, 'admin', handler)
  Controller()(AppController)

  class AppModule {}
  Module({ imports: [ClerkAuthModule.forRoot()], controllers: [AppController] })(AppModule)

  const app = await NestFactory.create(AppModule, { logger: ['error'] })
  await app.listen(0, '127.0.0.1')
  return { url: await app.getUrl(), close: () => app.close() }
}
