import { currentSandbox, service, type Logger, type Service } from 'glueful'
import { createTransport } from 'nodemailer'

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Sends mails; rejects when the server does not take one, so that a job tries again. In a sandbox they are captured. */
export interface Mailer {
  send(mail: Mail): Promise<void>
  close(): void
}

export const Mailer: Service<Mailer> = service<Mailer>('mailer')

/** Through an SMTP server, or into the log where there is none. */
export function createMailer(url: string | undefined, from: string, log: Logger): Mailer {
  if (url === undefined) {
    return {
      send: async ({ subject }) => log.info({ subject }, 'A mail was not sent: SMTP_URL is not set'),
      close: () => {},
    }
  }
  const transport = createTransport(url, { from })
  return {
    send: async (mail) => {
      const sandbox = currentSandbox()
      if (sandbox === undefined) await transport.sendMail(mail)
      else sandbox.capture('mail', `to ${mail.to}: ${mail.subject}`, mail)
    },
    close: () => transport.close(),
  }
}
