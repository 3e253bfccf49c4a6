import { deflateSync, crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../../src/index.js'
import { errorCode, start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf } from './client.js'

const MIB = 1024 * 1024

/** A PNG image of one pixel and about `bytes` bytes. */
function png(bytes = 0): Blob {
  const chunk = (name: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(name), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
  return new Blob([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('tEXt', Buffer.alloc(bytes, 'a')),
    chunk('IDAT', deflateSync(Buffer.alloc(2))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const GIF = new Blob([Buffer.from('R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==', 'base64')])

async function startWithClient() {
  const local = await start()
  return { local, userId: local.people.alice.id, ...clientOf(local) }
}

function upload(local: LocalClerk, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${local.env.CLERK_SECRET_KEY}`
  const path = `/v1/users/${local.people['alice']?.id}/profile_image`
  return fetch(local.url + path, { method: 'POST', headers: { authorization, ...headers }, body })
}

function formWith(file: Blob | string): FormData {
  const form = new FormData()
  form.set('file', file)
  return form
}

const bytesOf = async (it: Blob | Response) => Buffer.from(await it.arrayBuffer())

describe('the image of a user', () => {
  test('is served at its URL as it was uploaded', async () => {
    const { users, userId } = await startWithClient()
    const { imageUrl, hasImage } = await users.updateUserProfileImage(userId, { file: png(1000) })
    expect(hasImage).toBe(true)
    const served = await fetch(imageUrl)
    expect(served.headers.get('content-type')).toBe('image/png')
    expect(served.headers.get('content-security-policy')).toBe("default-src 'none'")
    expect(served.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await bytesOf(served)).toEqual(await bytesOf(png(1000)))
  })

  test('replaces the one before, which is deleted', async () => {
    const { users, userId } = await startWithClient()
    const first = await users.updateUserProfileImage(userId, { file: png() })
    const second = await users.updateUserProfileImage(userId, { file: GIF })
    expect(second.imageUrl).not.toBe(first.imageUrl)
    const gone = await fetch(first.imageUrl)
    expect([gone.status, await errorCode(gone)]).toEqual([404, 'image_not_found'])
    expect((await fetch(second.imageUrl)).headers.get('content-type')).toBe('image/gif')
  })

  test('is a generated one after its deletion', async () => {
    const { users, userId } = await startWithClient()
    const generated = (await users.getUser(userId)).imageUrl
    const { imageUrl } = await users.updateUserProfileImage(userId, { file: png() })
    expect(await users.deleteUserProfileImage(userId)).toMatchObject({ hasImage: false, imageUrl: generated })
    expect((await fetch(imageUrl)).status).toBe(404)
    const served = await fetch(generated)
    expect(served.headers.get('content-type')).toBe('image/svg+xml')
    expect(served.headers.get('content-security-policy')).toBe("default-src 'none'")
    expect(await served.text()).toMatch(/^<svg .*>A<\/text><\/svg>$/)
  })

  test('is deleted with the user', async () => {
    const { users, userId } = await startWithClient()
    const generated = (await users.getUser(userId)).imageUrl
    const { imageUrl } = await users.updateUserProfileImage(userId, { file: png() })
    await users.deleteUser(userId)
    expect([(await fetch(imageUrl)).status, (await fetch(generated)).status]).toEqual([404, 404])
  })

  test('changes the user', async () => {
    const { local, users, userId } = await startWithClient()
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url })
    const { imageUrl } = await users.updateUserProfileImage(userId, { file: png() })
    await users.deleteUserProfileImage(userId)
    await receiver.waitFor(2)
    expect(receiver.types()).toEqual(['user.updated', 'user.updated'])
    expect(receiver.received[0]?.event.data).toMatchObject({ id: userId, image_url: imageUrl, has_image: true })
    expect(receiver.received[1]?.event.data).toMatchObject({ id: userId, has_image: false })
  })
})

describe('the logo of an organization', () => {
  test('is uploaded, replaced, deleted and changes the organization', async () => {
    const { local, organizations, userId } = await startWithClient()
    const organizationId = local.organizations.acme.id
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url })
    const generated = (await organizations.getOrganization({ organizationId })).imageUrl
    const logo = await organizations.updateOrganizationLogo(organizationId, { file: GIF, uploaderUserId: userId })
    expect(await bytesOf(await fetch(logo.imageUrl))).toEqual(await bytesOf(GIF))
    const other = await organizations.updateOrganizationLogo(organizationId, { file: png() })
    expect((await fetch(logo.imageUrl)).status).toBe(404)
    expect(await organizations.deleteOrganizationLogo(organizationId)).toMatchObject({
      hasImage: false,
      imageUrl: generated,
    })
    expect((await fetch(other.imageUrl)).status).toBe(404)
    expect(await (await fetch(generated)).text()).toMatch(/>A<\/text><\/svg>$/)
    await receiver.waitFor(3)
    expect(receiver.types()).toEqual(Array(3).fill('organization.updated'))
    const last = await organizations.updateOrganizationLogo(organizationId, { file: GIF })
    await organizations.deleteOrganization(organizationId)
    expect([(await fetch(last.imageUrl)).status, (await fetch(generated)).status]).toEqual([404, 404])
  })

  test('is not uploaded by an unknown user or to an unknown organization', async () => {
    const { local, organizations } = await startWithClient()
    const { id } = local.organizations.acme
    const requests = [
      () => organizations.updateOrganizationLogo(id, { file: GIF, uploaderUserId: 'user_x' }),
      () => organizations.updateOrganizationLogo('org_x', { file: GIF }),
      () => organizations.deleteOrganizationLogo('org_x'),
    ]
    for (const request of requests)
      await expect(request()).rejects.toMatchObject({ status: 404, errors: [{ code: 'resource_not_found' }] })
  })
})

describe('an upload', () => {
  test.each<[string, BodyInit, number, string]>([
    ['without a file', new FormData(), 400, 'form_param_missing'],
    ['with text in place of the file', formWith('text'), 400, 'form_param_missing'],
    ['of an SVG image', formWith(new Blob(['<svg/>'], { type: 'image/svg+xml' })), 400, 'request_body_invalid'],
    ['of a damaged image', formWith(png(1000).slice(0, 900)), 400, 'request_body_invalid'],
    ['of an empty file', formWith(new Blob([])), 400, 'request_body_invalid'],
    ['that is not a form', '{}', 400, 'request_body_invalid'],
    ['of an image over 10 MB', formWith(png(10 * MIB)), 413, 'image_too_large'],
    ['far over 10 MB', formWith(png(11 * MIB)), 413, 'image_too_large'],
  ])('%s is refused', async (_, body, status, code) => {
    const { local, users, userId } = await startWithClient()
    const response = await upload(local, body)
    expect([response.status, await errorCode(response)]).toEqual([status, code])
    expect((await users.getUser(userId)).hasImage).toBe(false)
  })

  test('of a form that ends early is refused', async () => {
    const { local } = await startWithClient()
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    const response = await upload(
      local,
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n',
      type,
    )
    expect([response.status, await errorCode(response)]).toEqual([400, 'request_body_invalid'])
  })

  test('of almost 10 MB is served whole', async () => {
    const { users, userId } = await startWithClient()
    const file = png(10 * MIB - 1000)
    const { imageUrl } = await users.updateUserProfileImage(userId, { file })
    expect((await bytesOf(await fetch(imageUrl))).equals(await bytesOf(file))).toBe(true)
  })

  test('is refused while the images of the instance take 128 MiB, except to replace one', async () => {
    const { local, users } = await startWithClient()
    const file = png(10 * MIB - 1000)
    const ids = await Promise.all(
      Array.from({ length: 10 }, async (_unused, i) => (await users.createUser({ username: `user_${i}` })).id),
    )
    for (const id of ids.slice(0, 9)) await users.updateUserProfileImage(id, { file })
    const [first = '', last = ''] = [ids[0], ids[9]]
    await expect(users.updateUserProfileImage(last, { file })).rejects.toMatchObject({
      status: 409,
      errors: [{ code: 'conflict', longMessage: expect.stringContaining('at most 128 MiB') as string }],
    })
    const before = (await users.getUser(first)).imageUrl
    const { imageUrl } = await users.updateUserProfileImage(first, { file })
    expect([(await fetch(before)).status, (await fetch(imageUrl)).status]).toEqual([404, 200])
    local.reset()
    expect((await users.updateUserProfileImage(local.people.alice.id, { file })).hasImage).toBe(true)
  })
})

describe('/images', () => {
  test('has no image with an unknown id', async () => {
    const { local } = await startWithClient()
    for (const id of ['img_x', 'user_x', '__proto__', '%2F', local.people.alice.name]) {
      const response = await fetch(`${local.url}/images/${id}`)
      expect([id, response.status]).toEqual([id, 404])
    }
  })

  test('generates the image of a user without a name from an identifier', async () => {
    const { users } = await startWithClient()
    const { imageUrl } = await users.createUser({ emailAddress: ['zoe@example.com'] })
    expect(await (await fetch(imageUrl)).text()).toMatch(/>Z<\/text><\/svg>$/)
  })
})
