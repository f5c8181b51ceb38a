module consumer {
  requires io.inferencerouter;
  requires io.inferencerouter.core;
}
