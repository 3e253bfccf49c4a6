import fastifyPlugin from 'fastify-plugin'

export const rawBodies = fastifyPlugin(async (app) => {
  app.addContentTypeParser(/^(image|application\/octet-stream)/, { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
})
