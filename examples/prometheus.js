// Metrics for Prometheus, on a port of their own: http://localhost:9464/metrics
import { observeStats, otelListener } from '@clerk-auth/core/otel'
import { clerkAuth, createClerkAuth, requireAuth } from '@clerk-auth/express'
import { redisStore } from '@clerk-auth/redis'
import { metrics } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import express from 'express'

const { PORT = '3004', METRICS_PORT = '9464', REDIS_URL } = process.env
const exporter = new PrometheusExporter({ port: Number(METRICS_PORT) })
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }))

const clerk = createClerkAuth({
  onEvent: otelListener(),
  ...(REDIS_URL !== undefined && { shared: redisStore({ url: REDIS_URL }) }),
})
observeStats(clerk)

const app = express()
app.use(clerkAuth(clerk))
app.get('/me', requireAuth(), (_req, res) => res.json({}))
app.get('/orgs/:orgId', requireAuth({ org: (req) => req.params.orgId }), (_req, res) => res.json({}))
app.get('/reports', requireAuth({ acceptsToken: 'api_key' }), (_req, res) => res.json([]))

app.listen(Number(PORT), () => console.log(`Express listens on http://localhost:${PORT}`))
