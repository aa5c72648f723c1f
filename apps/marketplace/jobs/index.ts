export { CapturePayment } from './capture-payment.ts'
export { ConfirmOrder } from './confirm-order.ts'
export { NightlyReport, schedule } from './nightly-report.ts'
export { TellEndpointDisabled } from './tell-endpoint-disabled.ts'
