package io.inferencerouter.grpc.internal.wire;

/**
 * Reads what matters for routing from a serialized {@code inference.ModelInferRequest} of the Open
 * Inference Protocol (KServe v2), or from its beginning: tensors' contents are passed over.
 */
public final class ModelInferReader {
  /** Hears what is read. */
  public interface Sink {
    /** The name of the model. */
    void modelName(String name);

    /** The version of the model. */
    void modelVersion(String version);

    /**
     * An input tensor.
     *
     * @param elements how many numbers or texts it has, by its shape; 0 if a dimension is not known
     * @param rank how many dimensions it has
     * @param batch the first dimension; 1 if there is none
     */
    void input(String name, String datatype, long elements, int rank, long batch);

    /** A parameter of the request that is an integer. */
    void parameter(String name, long value);

    /** A parameter of the request that is a text. */
    void parameter(String name, String value);
  }

  /** The most elements a shape is taken for. */
  public static final long MAX_ELEMENTS = 1L << 40;

  private static final int MODEL_NAME = 1;
  private static final int MODEL_VERSION = 2;
  private static final int PARAMETERS = 4;
  private static final int INPUTS = 5;

  private static final int TENSOR_NAME = 1;
  private static final int TENSOR_DATATYPE = 2;
  private static final int TENSOR_SHAPE = 3;

  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;
  private static final int INT64_PARAM = 2;
  private static final int STRING_PARAM = 3;
  private static final int UINT64_PARAM = 5;

  private final WireReader wire;
  private final Sink sink;

  /** Reads the first {@code available} bytes. */
  public ModelInferReader(byte[] data, int available, Sink sink) {
    this.wire = new WireReader(data, available);
    this.sink = sink;
  }

  /** Reads; what cannot be understood is left out. */
  public void read() {
    while (wire.next(wire.end())) {
      if (wire.is(MODEL_NAME, WireReader.DELIMITED)) {
        sink.modelName(wire.text());
      } else if (wire.is(MODEL_VERSION, WireReader.DELIMITED)) {
        sink.modelVersion(wire.text());
      } else if (wire.is(PARAMETERS, WireReader.DELIMITED)) {
        parameter(wire.enter());
      } else if (wire.is(INPUTS, WireReader.DELIMITED)) {
        input(wire.enter());
      } else {
        wire.skip();
      }
    }
  }

  private void input(int end) {
    String name = "";
    String datatype = "";
    Shape shape = new Shape();
    while (wire.next(end)) {
      if (wire.is(TENSOR_NAME, WireReader.DELIMITED)) {
        name = wire.text();
      } else if (wire.is(TENSOR_DATATYPE, WireReader.DELIMITED)) {
        datatype = wire.text();
      } else if (wire.is(TENSOR_SHAPE, WireReader.DELIMITED)) {
        int packedEnd = wire.enter();
        while (wire.hasMore(packedEnd)) {
          shape.add(wire.varint());
        }
      } else if (wire.is(TENSOR_SHAPE, WireReader.VARINT)) {
        shape.add(wire.varint());
      } else {
        wire.skip();
      }
    }
    wire.leave(end);
    sink.input(name, datatype, shape.elements, shape.rank, shape.batch);
  }

  private void parameter(int end) {
    String name = "";
    while (wire.next(end)) {
      if (wire.is(ENTRY_KEY, WireReader.DELIMITED)) {
        name = wire.text();
      } else if (wire.is(ENTRY_VALUE, WireReader.DELIMITED)) {
        int valueEnd = wire.enter();
        parameterValue(name, valueEnd);
        wire.leave(valueEnd);
      } else {
        wire.skip();
      }
    }
    wire.leave(end);
  }

  private void parameterValue(String name, int end) {
    while (wire.next(end)) {
      if (wire.is(INT64_PARAM, WireReader.VARINT) || wire.is(UINT64_PARAM, WireReader.VARINT)) {
        sink.parameter(name, wire.varint());
      } else if (wire.is(STRING_PARAM, WireReader.DELIMITED)) {
        sink.parameter(name, wire.text());
      } else {
        wire.skip();
      }
    }
  }

  /** A shape, multiplied out. */
  private static final class Shape {
    long elements = 1;
    long batch = 1;
    int rank;

    void add(long dimension) {
      if (rank++ == 0) {
        batch = Math.max(0, Math.min(dimension, MAX_ELEMENTS));
      }
      if (dimension <= 0) {
        elements = 0;
      } else if (elements > MAX_ELEMENTS / dimension) {
        elements = MAX_ELEMENTS;
      } else {
        elements *= dimension;
      }
    }
  }
}
