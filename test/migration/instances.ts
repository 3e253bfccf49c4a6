import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

export const app = express()
const shop = clerkAuth({ publishableKey: process.env.SHOP_PUBLISHABLE_KEY ?? '' })
const blog = clerkAuth({ publishableKey: process.env.BLOG_PUBLISHABLE_KEY ?? '' })
app.use((req, res, next) => (req.hostname.startsWith('blog.') ? blog : shop)(req, res, next))
app.get('/me', requireAuth(), (req, res) => res.json({ userId: getAuth(req).userId }))
