import { defineSettings, env } from 'glueful'

export const settings = defineSettings({
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR', describe: 'Currency of all prices' }),
  photoDirectory: env.string('PHOTO_DIRECTORY', { default: 'storage/photos', describe: 'Folder for uploaded photos' }),
  smtpUrl: env.secret('SMTP_URL', {
    optional: true,
    example: 'smtps://user:password@mail.example.com',
    describe: 'Where mails are sent through; without it they are only logged',
  }),
  mailFrom: env.string('MAIL_FROM', { default: 'Marketplace <orders@marketplace.example>', describe: 'Sender of mails' }),
  paymentUrl: env.url('PAYMENT_URL', {
    optional: true,
    protocols: ['http', 'https'],
    example: 'https://pay.example.com/v1',
    describe: 'Service that captures payments; without it buyers pay when they fetch the car',
  }),
})
