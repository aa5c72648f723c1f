export { runCluster, type ClusterOptions } from './cluster/run-cluster.ts'
export { serve, type ServeOptions } from './serve.ts'
