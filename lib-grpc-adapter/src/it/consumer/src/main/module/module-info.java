module consumer {
  requires io.inferencerouter;
  requires io.inferencerouter.core;
  requires io.inferencerouter.grpc;
  requires io.grpc;
  requires io.grpc.netty.shaded;
  requires io.grpc.stub;
}
