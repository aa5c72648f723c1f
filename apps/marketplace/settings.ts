import { defineSettings, env } from 'glueful'

export const settings = defineSettings({
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR', describe: 'Currency of all prices' }),
  photoDirectory: env.string('PHOTO_DIRECTORY', { default: 'storage/photos', describe: 'Folder for uploaded photos' }),
  photoMaxSize: env.byteSize('PHOTO_MAX_SIZE', { default: '5mb', describe: 'Largest photo that may be uploaded' }),
  adminAddresses: env.list('ADMIN_ADDRESSES', { default: ['loopback'], describe: 'Addresses and networks that may use /admin' }),
})
