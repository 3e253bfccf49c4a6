import { guarded } from '@/guarded'

export const GET = guarded({ role: 'org:admin' }, (_request, auth) => Response.json({ organization: auth.orgSlug }))
