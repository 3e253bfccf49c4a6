import type { Answer } from '../../api/answer.js'
import type { Endpoint } from '../../api/endpoint.js'
import { errorAnswer } from '../../api/errors.js'
import { IMAGES_PATH } from '../../answers/image.js'
import type { Instance } from '../../instance/instance.js'
import { identifierOf } from '../../people/user.js'
import type { World } from '../../state/world.js'
import { avatar } from '../../images/avatar.js'

/** Serves what `image_url` refers to, to anyone: pages show it. */
export function servedImage({ world }: Instance): Endpoint {
  return {
    method: 'GET',
    path: `${IMAGES_PATH}/{id}`,
    answer: ({ params: { id = '' } }) =>
      uploadedImage(world, id) ?? generatedImage(world, id) ?? errorAnswer('image_not_found'),
  }
}

function uploadedImage({ images }: World, id: string): Answer | undefined {
  const image = images.byId(id)
  return image && imageAnswer(image.type, Buffer.from(image.data, 'base64'))
}

function generatedImage(world: World, id: string): Answer | undefined {
  const name = nameOf(world, id)
  return name === undefined ? undefined : imageAnswer('image/svg+xml', avatar(id, name))
}

/** The name of the user or organization with this id. */
function nameOf(world: World, id: string): string | undefined {
  const user = world.users.byId(id)
  if (!user) return world.organizations.byId(id)?.name
  return [user.first_name, user.last_name].filter(Boolean).join(' ') || identifierOf(world, user)
}

function imageAnswer(type: string, body: string | Uint8Array): Answer {
  // An image opened as a page must not run scripts, or be taken for another type.
  const headers = { 'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff' }
  return { status: 200, headers: { 'content-type': type, ...headers }, body }
}
