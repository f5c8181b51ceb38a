package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc;
import io.inferencerouter.kserve.InferParameter;
import io.inferencerouter.kserve.InferTensorContents;
import io.inferencerouter.kserve.ModelInferRequest;
import io.inferencerouter.kserve.ModelInferRequest.InferInputTensor;
import io.inferencerouter.kserve.ModelReadyRequest;
import io.inferencerouter.kserve.ServerLiveRequest;
import java.util.Collections;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class KServeClassifierTest {
  private final KServeClassifier classifier = KServeClassifier.create();

  private <T extends MessageLite> InferenceRequest classify(
      KServeClassifier by, MethodDescriptor<T, ?> method, T message) {
    return by.classify(
        GrpcRequest.of(
            method,
            CallOptions.DEFAULT,
            new Metadata(),
            message,
            MessageBytes.size(method, message)));
  }

  private InferenceRequest infer(ModelInferRequest.Builder message) {
    return classify(classifier, GRPCInferenceServiceGrpc.getModelInferMethod(), message.build());
  }

  private static ModelInferRequest.Builder request() {
    return ModelInferRequest.newBuilder().setModelName("bert").setId("42");
  }

  private static InferInputTensor.Builder tensor(String name, String datatype, long... shape) {
    InferInputTensor.Builder tensor =
        InferInputTensor.newBuilder().setName(name).setDatatype(datatype);
    for (long dimension : shape) {
      tensor.addShape(dimension);
    }
    return tensor;
  }

  private static InferParameter integer(long value) {
    return InferParameter.newBuilder().setInt64Param(value).build();
  }

  @Test
  void modelVersionAndTokensAreRead() {
    ModelInferRequest.Builder message =
        request()
            .setModelVersion("3")
            .addInputs(tensor("input_ids", "INT64", 4, 128))
            .addInputs(tensor("attention_mask", "INT64", 4, 512))
            .addRawInputContents(ByteString.copyFrom(new byte[4096]));
    assertThat(infer(message))
        .isEqualTo(
            InferenceRequest.forModel("bert")
                .modelVersion("3")
                .replayable(true)
                .idempotent(true)
                .input(InputUnit.TOKENS, 512)
                .input(InputUnit.BYTES, message.build().getSerializedSize())
                .build());
  }

  @Test
  void withoutATensorOfThatNameTheLargestOfIntegersCounts() {
    assertThat(
            infer(
                    request()
                        .addInputs(tensor("mask", "UINT8", 1, 7))
                        .addInputs(tensor("tokens", "INT32", 1, 100))
                        .addInputs(tensor("weights", "FP32", 1, 1_000)))
                .input(InputUnit.TOKENS))
        .isEqualTo(100);
  }

  @Test
  void aBatchOfImagesIsCounted() {
    InferenceRequest request = infer(request().addInputs(tensor("x", "FP32", 8, 3, 224, 224)));
    assertThat(request.input(InputUnit.IMAGES)).isEqualTo(8);
    assertThat(request.hasInput(InputUnit.TOKENS)).isFalse();
  }

  @Test
  void contentsWithinATensorArePassedOver() {
    InferTensorContents contents =
        InferTensorContents.newBuilder()
            .addAllInt64Contents(Collections.nCopies(100, 1_000_000L))
            .build();
    assertThat(
            infer(
                    request()
                        .addInputs(tensor("a", "INT64", 2).setContents(contents))
                        .addInputs(tensor("input_ids", "INT64", 1, 100).setContents(contents)))
                .input(InputUnit.TOKENS))
        .isEqualTo(100);
  }

  @Test
  void theLimitOfTheOutputAndTheSequenceAreParameters() {
    InferenceRequest request =
        infer(
            request()
                .putParameters("max_tokens", integer(256))
                .putParameters("sequence_id", integer(77))
                .putParameters("other", InferParameter.newBuilder().setBoolParam(true).build()));
    assertThat(request.outputLimit()).isEqualTo(256);
    assertThat(request.session()).isEqualTo("77");
    assertThat(request.idempotent()).isFalse();
    assertThat(request.replayable()).isFalse();
    assertThat(
            infer(
                    request()
                        .putParameters(
                            "sequence_id",
                            InferParameter.newBuilder().setStringParam("talk").build()))
                .session())
        .isEqualTo("talk");
  }

  @Test
  void ofALargeMessageTheBeginningIsEnough() {
    KServeClassifier scanning = KServeClassifier.builder().maxScannedBytes(256).build();
    ModelInferRequest message =
        request()
            .addInputs(tensor("input_ids", "INT64", 1, 1_000_000))
            .addRawInputContents(ByteString.copyFrom(new byte[8_000_000]))
            .build();
    InferenceRequest request =
        classify(scanning, GRPCInferenceServiceGrpc.getModelInferMethod(), message);
    assertThat(request.model()).isEqualTo("bert");
    assertThat(request.input(InputUnit.TOKENS)).isEqualTo(1_000_000);
    assertThat(request.input(InputUnit.BYTES)).isEqualTo(message.getSerializedSize());
  }

  @Test
  void aStreamIsClassifiedByItsFirstRequest() {
    assertThat(classifier.readsMessage(GRPCInferenceServiceGrpc.getModelStreamInferMethod()))
        .isTrue();
    InferenceRequest request =
        classify(
            classifier, GRPCInferenceServiceGrpc.getModelStreamInferMethod(), request().build());
    assertThat(request.model()).isEqualTo("bert");
    assertThat(request.streaming()).isTrue();
  }

  @Test
  void aRefinedClassifierWaitsForWhatTheClassifierNeeds() {
    GrpcRequestClassifier refined =
        classifier.refinedBy((call, found) -> found.toBuilder().tenant("blue").build());
    assertThat(refined.readsMessage(GRPCInferenceServiceGrpc.getModelStreamInferMethod())).isTrue();
    InferenceRequest request =
        refined.classify(
            GrpcRequest.withoutMessage(
                GRPCInferenceServiceGrpc.getModelInferMethod(),
                CallOptions.DEFAULT,
                new Metadata()));
    assertThat(request.tenant()).isEqualTo("blue");
  }

  @Test
  void questionsAfterAModelGoWhereItIsServed() {
    InferenceRequest request =
        classify(
            classifier,
            GRPCInferenceServiceGrpc.getModelReadyMethod(),
            ModelReadyRequest.newBuilder().setName("bert").setVersion("1").build());
    assertThat(request.model()).isEqualTo("bert");
    assertThat(request.modelVersion()).isEqualTo("1");
    assertThat(request.outputLimit()).isZero();
  }

  @Test
  void whateverElseIsAskedGoesAnywhere() {
    assertThat(
            classify(
                    classifier,
                    GRPCInferenceServiceGrpc.getServerLiveMethod(),
                    ServerLiveRequest.getDefaultInstance())
                .model())
        .isEmpty();
    assertThat(infer(ModelInferRequest.newBuilder()).model()).isEmpty();
    assertThat(infer(request().setModelName("a\nb")).model()).isEmpty();
  }

  @Test
  void shapesThatMakeNoSenseAreHarmless() {
    assertThat(
            infer(
                    request()
                        .addInputs(tensor("input_ids", "INT64", Long.MAX_VALUE, Long.MAX_VALUE))
                        .addInputs(tensor("image", "FP32", -1, 3, 2, 2))
                        .putParameters("max_tokens", integer(Long.MIN_VALUE)))
                .input(InputUnit.TOKENS))
        .isEqualTo(InferenceRequest.MAX_SIZE);
  }

  @Property(tries = 200)
  void anyBeginningOfAMessageCanBeRead(@ForAll @IntRange(min = 256, max = 2_000) int limit) {
    KServeClassifier scanning = KServeClassifier.builder().maxScannedBytes(limit).build();
    ModelInferRequest.Builder message = request();
    for (int i = 0; i < 40; i++) {
      message.addInputs(tensor("tensor-" + i, "INT32", i, i));
      message.putParameters("parameter-" + i, integer(i));
    }
    assertThat(
            classify(scanning, GRPCInferenceServiceGrpc.getModelInferMethod(), message.build())
                .model())
        .isEqualTo("bert");
  }

  @Test
  void limitsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> KServeClassifier.builder().maxScannedBytes(1))
        .hasMessage("maxScannedBytes: 1 (expected: 256 to 268435456)");
  }
}
