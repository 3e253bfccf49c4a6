import { describe, expect, test } from 'vitest'
import { imageType, MAX_IMAGE_BYTES } from '../src/images/image-type.js'

const base64 = (text: string) => Buffer.from(text, 'base64')

const PNG = base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')
const JPEG = base64(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////' +
    '////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxD/2Q==',
)
const GIF = base64('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7')
const LOSSY_WEBP = base64('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA')
const LOSSLESS_WEBP = base64('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==')
const ANIMATED_WEBP = base64(
  'UklGRlIAAABXRUJQVlA4WAoAAAASAAAAAAAAAAAAQU5JTQYAAAD/////AABBTk1GJgAAAAAAAAAAAAAAAAAAAGQAAABWUDhMDQAAAC8AAAAQBxAR' +
    'EYiI/gcA',
)

const IMAGES = [
  ['PNG', PNG, 'image/png'],
  ['JPEG', JPEG, 'image/jpeg'],
  ['GIF', GIF, 'image/gif'],
  ['lossy WebP', LOSSY_WEBP, 'image/webp'],
  ['lossless WebP', LOSSLESS_WEBP, 'image/webp'],
  ['animated WebP', ANIMATED_WEBP, 'image/webp'],
] as const

/** The image with some of its bytes replaced. */
function change(image: Buffer, offset: number, ...bytes: readonly number[]): Buffer {
  const changed = Buffer.from(image)
  changed.set(bytes, offset)
  return changed
}

function frameAfterScan(): Buffer {
  const start = JPEG.indexOf('ffc2', 'hex')
  const frame = JPEG.subarray(start, start + 13)
  return Buffer.concat([change(JPEG, start, 0xff, 0xfe).subarray(0, -2), frame, JPEG.subarray(-2)])
}

describe('the type of an image', () => {
  test.each(IMAGES)('of %s is known by its bytes', (_name, image, type) => {
    expect(imageType(new Uint8Array(image))).toBe(type)
  })

  test.each(IMAGES)('of a %s that is cut off anywhere is unknown', (_name, image) => {
    for (let length = 0; length < image.length; length++) expect(imageType(image.subarray(0, length))).toBeUndefined()
  })

  test.each([
    ['a PNG with a wrong CRC', change(PNG, 45, 0xff)],
    ['a PNG without pixels', Buffer.concat([PNG.subarray(0, 33), PNG.subarray(-12)])],
    ['a PNG followed by something else', Buffer.concat([PNG, Buffer.from('<script>')])],
    ['a JPEG without a frame', change(JPEG, JPEG.indexOf('ffc2', 'hex'), 0xff, 0xfe)],
    ['a JPEG whose frame follows the scan', frameAfterScan()],
    ['a GIF without an image', Buffer.concat([GIF.subarray(0, 19), Buffer.from([0x3b])])],
    ['a GIF of no width', change(GIF, 6, 0)],
    ['a WebP with a chunk longer than the file', change(LOSSY_WEBP, 16, 0xff)],
    ['a WebP without its start code', change(LOSSY_WEBP, 23, 0)],
    ['a WebP with only a header', Buffer.concat([change(ANIMATED_WEBP, 4, 22).subarray(0, 30)])],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')],
    ['a BMP', Buffer.from('BM'.padEnd(64, '\x01'), 'latin1')],
    ['text', Buffer.from('GIF89a is a format')],
    ['an image larger than 10 MB', Buffer.concat([GIF, Buffer.alloc(MAX_IMAGE_BYTES)])],
  ])('of %s is unknown', (_name, bytes) => {
    expect(imageType(bytes)).toBeUndefined()
  })

  test('is found or not without an error if any byte is wrong', () => {
    for (const [, image] of IMAGES)
      for (let offset = 0; offset < image.length; offset++)
        for (const byte of [0x00, 0x7f, 0xff]) expect(() => imageType(change(image, offset, byte))).not.toThrow()
  })

  test.each(IMAGES)('of 10 MB that start like a %s takes little time', (_name, image) => {
    const started = performance.now()
    for (const byte of [0, 1, 0xff]) imageType(Buffer.concat([image.subarray(0, 20), Buffer.alloc(10_000_000, byte)]))
    expect(performance.now() - started).toBeLessThan(3000)
  })
})
