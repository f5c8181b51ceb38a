/** What the tests of calls need to let real sockets, and real servers, fail. */
package io.inferencerouter.okhttp.fault;
