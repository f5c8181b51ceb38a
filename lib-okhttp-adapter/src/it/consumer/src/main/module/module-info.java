module consumer {
  requires io.inferencerouter;
  requires io.inferencerouter.core;
  requires io.inferencerouter.okhttp;
  requires okhttp3;
  requires jdk.httpserver;
}
