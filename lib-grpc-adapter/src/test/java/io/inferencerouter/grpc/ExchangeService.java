package io.inferencerouter.grpc;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import io.inferencerouter.grpc.test.Nothing;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Does what its caller asks for. */
final class ExchangeService extends ExchangeGrpc.ExchangeImplBase {
  private final String name;
  final BlockingQueue<Ask> asked = new LinkedBlockingQueue<>();
  final BlockingQueue<String> begun = new LinkedBlockingQueue<>();
  final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
  final AtomicInteger calls = new AtomicInteger();
  private final Queue<StreamObserver<Answer>> hanging = new ConcurrentLinkedQueue<>();

  ExchangeService(String name) {
    this.name = name;
  }

  /** Answers the unary calls that were to have no answer. */
  void answerHanging() {
    for (StreamObserver<Answer> call = hanging.poll(); call != null; call = hanging.poll()) {
      call.onNext(Answer.getDefaultInstance());
      call.onCompleted();
    }
  }

  private Answer answer(Ask ask, int size) {
    return Answer.newBuilder()
        .setPayload(ByteString.copyFrom(new byte[size]))
        .setNumber(ask.getNumber())
        .setServer(name)
        .build();
  }

  private void watch(String method, StreamObserver<?> answers) {
    calls.incrementAndGet();
    ((ServerCallStreamObserver<?>) answers).setOnCancelHandler(() -> cancelled.add(method));
    begun.add(method);
  }

  private static void end(Ask ask, StreamObserver<?> answers) {
    if (ask.getCode() == 0) {
      answers.onCompleted();
    } else {
      answers.onError(
          Status.fromCodeValue(ask.getCode())
              .withDescription(ask.getDescription())
              .asRuntimeException());
    }
  }

  @Override
  public void empty(Nothing request, StreamObserver<Nothing> answers) {
    watch("Empty", answers);
    answers.onNext(Nothing.getDefaultInstance());
    answers.onCompleted();
  }

  @Override
  public void unary(Ask ask, StreamObserver<Answer> answers) {
    watch("Unary", answers);
    if (ask.getHang()) {
      hanging.add(answers);
      asked.add(ask);
      return;
    }
    asked.add(ask);
    if (ask.getCode() == 0) {
      answers.onNext(answer(ask, ask.getSizesCount() == 0 ? 0 : ask.getSizes(0)));
    }
    end(ask, answers);
  }

  @Override
  public void download(Ask ask, StreamObserver<Answer> answers) {
    watch("Download", answers);
    asked.add(ask);
    ServerCallStreamObserver<Answer> paced = (ServerCallStreamObserver<Answer>) answers;
    AtomicInteger next = new AtomicInteger();
    Runnable send =
        () -> {
          while (paced.isReady() && next.get() < ask.getSizesCount()) {
            int i = next.getAndIncrement();
            paced.onNext(answer(ask.toBuilder().setNumber(i).build(), ask.getSizes(i)));
            if (i == ask.getSizesCount() - 1 && !ask.getHang()) {
              end(ask, paced);
            }
          }
        };
    paced.setOnReadyHandler(send);
    if (ask.getSizesCount() == 0 && !ask.getHang()) {
      end(ask, paced);
    }
  }

  /** Reads one message at a time; after one that says to stall, none. */
  private static ServerCallStreamObserver<Answer> paced(StreamObserver<Answer> answers) {
    ServerCallStreamObserver<Answer> paced = (ServerCallStreamObserver<Answer>) answers;
    paced.disableAutoRequest();
    paced.request(1);
    return paced;
  }

  private static void readOn(Ask after, ServerCallStreamObserver<Answer> paced) {
    if (!after.getStall()) {
      paced.request(1);
    }
  }

  @Override
  public StreamObserver<Ask> upload(StreamObserver<Answer> answers) {
    watch("Upload", answers);
    ServerCallStreamObserver<Answer> paced = paced(answers);
    return new StreamObserver<>() {
      private long received;
      private long expected;

      @Override
      public void onNext(Ask ask) {
        asked.add(ask);
        if (ask.getNumber() != expected++) {
          answers.onError(Status.DATA_LOSS.withDescription("out of order").asRuntimeException());
        }
        received += ask.getPayload().size();
        readOn(ask, paced);
      }

      @Override
      public void onError(Throwable failure) {
        cancelled.add("Upload");
      }

      @Override
      public void onCompleted() {
        answers.onNext(
            Answer.newBuilder().setReceived(received).setNumber(expected).setServer(name).build());
        answers.onCompleted();
      }
    };
  }

  @Override
  public StreamObserver<Ask> chat(StreamObserver<Answer> answers) {
    watch("Chat", answers);
    ServerCallStreamObserver<Answer> paced = paced(answers);
    return new StreamObserver<>() {
      private boolean ended;

      @Override
      public void onNext(Ask ask) {
        asked.add(ask);
        if (!ask.getHang() && !ended) {
          ask.getSizesList().forEach(size -> answers.onNext(answer(ask, size)));
          if (ask.getCode() != 0) {
            ended = true;
            end(ask, answers);
          }
        }
        readOn(ask, paced);
      }

      @Override
      public void onError(Throwable failure) {
        cancelled.add("Chat");
      }

      @Override
      public void onCompleted() {
        if (!ended) {
          answers.onCompleted();
        }
      }
    };
  }
}
