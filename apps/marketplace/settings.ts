import { defineSettings, env } from 'glueful'

export const settings = defineSettings({
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR', describe: 'Currency of all prices' }),
  photoDirectory: env.string('PHOTO_DIRECTORY', { default: 'storage/photos', describe: 'Folder for uploaded photos' }),
})
