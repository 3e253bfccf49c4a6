import type { NextRequest } from 'next/server'
import { clerk } from '@/guarded'

export async function GET(request: NextRequest) {
  const auth = await clerk().authenticate(request)
  return Response.json({ caller: auth.userId ?? 'anonymous' })
}
