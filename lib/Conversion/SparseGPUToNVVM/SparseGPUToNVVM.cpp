//===- SparseGPUToNVVM.cpp - Tensor-core instructions to PTX ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accumulators live in registers, one value each: an instruction takes the
// vector apart and builds the next one, and what loops carry becomes scalars
// too, so that after folding no vector of accumulators is left to be moved.
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"
#include "Scalars.h"

#include "spmmplu/Conversion/Passes.h"
#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_CONVERTSPARSEGPUTONVVM
#include "spmmplu/Conversion/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Fragments
//===----------------------------------------------------------------------===//

static VectorType getVectorType(Value value) {
  return cast<VectorType>(value.getType());
}

/// Registers of their own are what vectors of 32-bit elements become in the
/// end; those of 16 bits stay vectors, as two share a register.
static bool isSplit(VectorType type) {
  Type element = type.getElementType();
  return type.getRank() == 1 && !type.isScalable() &&
         (element.isF32() || element.isInteger(32));
}

static SmallVector<Value> getElements(OpBuilder &builder, Value vector) {
  auto elements =
      vector::ToElementsOp::create(builder, vector.getLoc(), vector);
  return llvm::to_vector_of<Value>(elements.getResults());
}

/// The 32-bit registers of `vector`, as i32.
static SmallVector<Value> getRegisters(OpBuilder &builder, Value vector) {
  VectorType type = getVectorType(vector);
  int64_t bits = type.getNumElements() * type.getElementTypeBitWidth();
  auto registers = VectorType::get({bits / 32}, builder.getI32Type());
  return getElements(builder, vector::BitCastOp::create(
                                  builder, vector.getLoc(), registers, vector));
}

/// `vector` in pieces of `count` elements.
static SmallVector<Value> getPieces(OpBuilder &builder, Value vector,
                                    int64_t count) {
  SmallVector<Value> pieces;
  for (int64_t at = 0; at < getVectorType(vector).getNumElements(); at += count)
    pieces.push_back(vector::ExtractStridedSliceOp::create(
        builder, vector.getLoc(), vector, at, count, 1));
  return pieces;
}

/// A fragment as the operands that nvvm.mma wants: pairs of f16, everything
/// else as i32.
static SmallVector<Value> getMmaOperands(OpBuilder &builder, Value vector) {
  if (getVectorType(vector).getElementType().isF16())
    return getPieces(builder, vector, 2);
  return getRegisters(builder, vector);
}

/// The fields of a struct of `count` fields.
static SmallVector<Value> getFields(OpBuilder &builder, Value aggregate,
                                    int64_t count) {
  SmallVector<Value> fields;
  for (int64_t n = 0; n < count; ++n)
    fields.push_back(LLVM::ExtractValueOp::create(builder, aggregate.getLoc(),
                                                  aggregate, n));
  return fields;
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

/// The type of a register of an operand. (f32 is in registers what tf32 is.)
static NVVM::MMATypes getMultiplicand(Type element, bool isUnsigned) {
  return llvm::TypeSwitch<Type, NVVM::MMATypes>(element)
      .Case([](Float16Type) { return NVVM::MMATypes::f16; })
      .Case([](BFloat16Type) { return NVVM::MMATypes::bf16; })
      .Case([](Float8E4M3FNType) { return NVVM::MMATypes::e4m3; })
      .Case([](Float8E5M2Type) { return NVVM::MMATypes::e5m2; })
      .Case([&](IntegerType) {
        return isUnsigned ? NVVM::MMATypes::u8 : NVVM::MMATypes::s8;
      })
      .Default(NVVM::MMATypes::tf32);
}

/// Of 8-bit floats upstream has no op for the dense product, and one for the
/// sparse that takes too few registers.
static Value emitFloat8Mma(OpBuilder &builder, MmaOp op, Type result,
                           StringRef type, ValueRange a, ValueRange b,
                           ValueRange c) {
  SmallVector<Value> operands(a);
  operands.append(b.begin(), b.end());
  operands.append(c.begin(), c.end());
  std::string text = op.isSparse() ? "mma.sp::ordered_metadata" : "mma";
  text += ".sync.aligned.m16n8k" + std::to_string(op.getDepth()) +
          ".row.col.f32." + type.str() + "." + type.str() + ".f32 ";
  size_t number = 0;
  auto name = [&](size_t count) {
    std::string names = "{";
    for (size_t n = 0; n < count; ++n)
      names += (n ? ", $" : "$") + std::to_string(number++);
    return names + "}";
  };
  // The result's registers, then those of the operands.
  text += name(c.size()) + ", ";
  text += name(a.size()) + ", ";
  text += name(b.size()) + ", ";
  text += name(c.size());
  std::string constraints = "=f,=f,=f,=f";
  for (size_t n = 0; n < a.size() + b.size(); ++n)
    constraints += ",r";
  constraints += ",f,f,f,f";
  if (op.isSparse()) {
    operands.push_back(op.getMeta());
    text += ", $" + std::to_string(number) + ", 0";
    constraints += ",r";
  }
  return LLVM::InlineAsmOp::create(
             builder, op.getLoc(), result, operands, text + ";", constraints,
             /*has_side_effects=*/false, /*is_align_stack=*/false,
             LLVM::TailCallKind::None, LLVM::AsmDialectAttr(),
             /*operand_attrs=*/ArrayAttr())
      .getRes();
}

/// `nvvm.mma.sync`, or `nvvm.mma.sp.sync` with ordered metadata: natural
/// packing has ascending indices, and newer GPUs want that form.
static Value emitMma(OpBuilder &builder, MmaOp op, Type result, ValueRange a,
                     ValueRange b, ValueRange c) {
  Location loc = op.getLoc();
  Type element = getVectorType(op.getA()).getElementType();
  std::array<NVVM::MMATypes, 2> types = {
      getMultiplicand(element, op.getUnsignedA()),
      getMultiplicand(element, op.getUnsignedB())};
  std::optional<NVVM::MMAIntOverflow> overflow;
  if (element.isInteger(8))
    overflow = NVVM::MMAIntOverflow::wrapped;
  int64_t shape[] = {16, 8, op.getDepth()};
  if (isa<Float8E4M3FNType, Float8E5M2Type>(element))
    return emitFloat8Mma(builder, op, result, NVVM::stringifyMMATypes(types[0]),
                         a, b, c);
  if (!op.isSparse()) {
    std::array<NVVM::MMALayout, 2> layouts = {NVVM::MMALayout::row,
                                              NVVM::MMALayout::col};
    return NVVM::MmaOp::create(builder, loc, result, a, b, c, shape,
                               std::nullopt, overflow, types, layouts);
  }
  Value selector = arith::ConstantIntOp::create(
      builder, loc, builder.getI32Type(), op.getSelector());
  auto mma = NVVM::MmaSpOp::create(builder, loc, result, a, b, c, op.getMeta(),
                                   selector, shape, overflow, types);
  mma.setOrderedMetadata(true);
  return mma;
}

static LogicalResult convertMma(MmaOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  VectorType type = getVectorType(op.getC());
  bool half = type.getElementType().isF16();
  SmallVector<Value> c =
      half ? getPieces(builder, op.getC(), 2) : getElements(builder, op.getC());
  auto result = LLVM::LLVMStructType::getLiteral(
      builder.getContext(), llvm::to_vector(ValueRange(c).getTypes()));
  Value aggregate =
      emitMma(builder, op, result, getMmaOperands(builder, op.getA()),
              getMmaOperands(builder, op.getB()), c);
  SmallVector<Value> fields = getFields(builder, aggregate, c.size());
  if (half) {
    SmallVector<Value> elements;
    for (Value pair : fields)
      elements.append(getElements(builder, pair));
    fields = std::move(elements);
  }
  op.replaceAllUsesWith(
      vector::FromElementsOp::create(builder, loc, type, fields).getResult());
  op.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// wgmma
//===----------------------------------------------------------------------===//

namespace {

/// Inline assembly that changes registers of accumulators in place: outputs
/// are tied to the first operands.
class TiedAssembly {
public:
  TiedAssembly(OpBuilder &builder, Location loc, ValueRange accumulators)
      : builder(builder), loc(loc) {
    for (Value accumulator : accumulators) {
      types.push_back(getVectorType(accumulator));
      tied.append(getElements(builder, accumulator));
    }
  }

  /// The name of the next operand, which is `value`.
  std::string use(Value value) {
    inputs.push_back(value);
    return "$" + std::to_string(2 * tied.size() + inputs.size() - 1);
  }

  /// "{$0, $1, ...}": the accumulators.
  std::string getAccumulators() const {
    std::string text = "{";
    for (size_t n = 0; n < tied.size(); ++n)
      text += (n ? ", $" : "$") + std::to_string(n);
    return text + "}";
  }

  /// The accumulators after `text`, vectors as they came.
  SmallVector<Value> emit(StringRef text, StringRef clobbers = "") {
    SmallVector<Value> operands(tied);
    operands.append(inputs);
    SmallVector<Type> fields = llvm::to_vector(ValueRange(tied).getTypes());
    // One output stands for itself, more are a struct.
    Type result = LLVM::LLVMVoidType::get(builder.getContext());
    if (fields.size() == 1)
      result = fields[0];
    else if (!fields.empty())
      result = LLVM::LLVMStructType::getLiteral(builder.getContext(), fields);
    auto dialect = LLVM::AsmDialectAttr::get(builder.getContext(),
                                             LLVM::AsmDialect::AD_ATT);
    auto assembly = LLVM::InlineAsmOp::create(
        builder, loc, fields.empty() ? TypeRange() : TypeRange(result),
        operands, text, getConstraints(clobbers), /*has_side_effects=*/true,
        /*is_align_stack=*/false, LLVM::TailCallKind::None, dialect,
        /*operand_attrs=*/ArrayAttr());
    return rebuild(fields.empty() ? Value() : assembly.getRes());
  }

private:
  static StringRef getConstraint(Type type) {
    if (type.isF32())
      return "f";
    return type.getIntOrFloatBitWidth() == 64 ? "l" : "r";
  }

  std::string getConstraints(StringRef clobbers) const {
    SmallVector<std::string> parts;
    for (Value value : tied)
      parts.push_back("=" + getConstraint(value.getType()).str());
    for (size_t n = 0; n < tied.size(); ++n)
      parts.push_back(std::to_string(n));
    for (Value value : inputs)
      parts.push_back(getConstraint(value.getType()).str());
    if (!clobbers.empty())
      parts.push_back(clobbers.str());
    return llvm::join(parts, ",");
  }

  SmallVector<Value> rebuild(Value result) {
    SmallVector<Value> fields;
    if (tied.size() == 1)
      fields = {result};
    else if (result)
      fields = getFields(builder, result, tied.size());
    SmallVector<Value> vectors;
    ArrayRef<Value> rest(fields);
    for (VectorType type : types) {
      vectors.push_back(vector::FromElementsOp::create(
          builder, loc, type, rest.take_front(type.getNumElements())));
      rest = rest.drop_front(type.getNumElements());
    }
    return vectors;
  }

  OpBuilder &builder;
  Location loc;
  SmallVector<VectorType> types;
  SmallVector<Value> tied, inputs;
};

} // namespace

/// The instruction's name with shape and types.
static std::string getWgmmaName(WgmmaOp op) {
  auto getName = [&](bool isUnsigned) {
    return NVVM::stringifyMMATypes(
        getMultiplicand(op.getElement(), isUnsigned));
  };
  std::string name;
  llvm::raw_string_ostream(name)
      << "wgmma.mma_async" << (op.isSparse() ? ".sp" : "")
      << ".sync.aligned.m64n" << op.getCols() << "k" << op.getDepth()
      << (op.getElement().isInteger() ? ".s32." : ".f32.")
      << getName(op.getUnsignedA()) << "." << getName(op.getUnsignedB());
  return name;
}

/// `a` is a descriptor, or registers in braces.
static std::string useWgmmaA(OpBuilder &builder, TiedAssembly &assembly,
                             Value a) {
  if (!isa<VectorType>(a.getType()))
    return assembly.use(a);
  SmallVector<std::string> names;
  for (Value value : getRegisters(builder, a))
    names.push_back(assembly.use(value));
  return "{" + llvm::join(names, ", ") + "}";
}

static LogicalResult convertWgmma(WgmmaOp op) {
  OpBuilder builder(op);
  TiedAssembly assembly(builder, op.getLoc(), op.getC());
  std::string operands = assembly.getAccumulators() + ", " +
                         useWgmmaA(builder, assembly, op.getA()) + ", " +
                         assembly.use(op.getB());
  if (Value meta = op.getMeta())
    operands +=
        ", " + assembly.use(meta) + ", " + std::to_string(op.getSelector());
  // The predicate that keeps the accumulators, and factors of 1, which integers
  // do not have.
  operands += op.getElement().isInteger() ? ", p" : ", p, 1, 1";
  // Only 16-bit types have the transposes, and a in registers has none.
  if (op.getElement().isF16() || op.getElement().isBF16()) {
    operands += op.getA().getType().isInteger() ? ", 0" : "";
    operands += op.getTransposeB() ? ", 1" : ", 0";
  }
  std::string text = "{\n.reg .pred p;\nsetp.eq.u32 p, 0, 0;\n" +
                     getWgmmaName(op) + " " + operands + ";\n}";
  op.replaceAllUsesWith(assembly.emit(text)[0]);
  op.erase();
  return success();
}

static LogicalResult convertWgmmaWait(WgmmaWaitOp op) {
  OpBuilder builder(op);
  // getPending() is unsigned: a negative number is a large one.
  if (op.getPending() > 7)
    return op.emitOpError("expects 0 to 7 groups in flight, found ")
           << int32_t(op.getPending());
  for (Type type : op.getValues().getTypes())
    if (!isSplit(cast<VectorType>(type)))
      return op.emitOpError("expects accumulators, vectors of f32 or i32, "
                            "found ")
             << type;
  TiedAssembly assembly(builder, op.getLoc(), op.getValues());
  std::string text =
      "wgmma.wait_group.sync.aligned " + std::to_string(op.getPending()) + ";";
  // What was read may be overwritten from here on, not before.
  op.replaceAllUsesWith(assembly.emit(text, "~{memory}"));
  op.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Values of loops and branches
//===----------------------------------------------------------------------===//

/// Makes scf ops carry the elements of vectors.
static LogicalResult splitCarriedVectors(Operation *root) {
  MLIRContext *context = root->getContext();
  TypeConverter converter;
  converter.addConversion([](Type type) { return type; });
  converter.addConversion(
      [](VectorType type,
         SmallVectorImpl<Type> &types) -> std::optional<LogicalResult> {
        if (!isSplit(type))
          return std::nullopt;
        types.append(type.getNumElements(), type.getElementType());
        return success();
      });
  converter.addSourceMaterialization([](OpBuilder &builder, VectorType type,
                                        ValueRange elements,
                                        Location loc) -> Value {
    return vector::FromElementsOp::create(builder, loc, type, elements);
  });
  converter.addTargetMaterialization([](OpBuilder &builder, TypeRange,
                                        ValueRange vectors,
                                        Location) -> SmallVector<Value> {
    return getElements(builder, vectors[0]);
  });
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  RewritePatternSet patterns(context);
  scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                       target);
  return applyPartialConversion(root, target, std::move(patterns));
}

namespace {

/// A slice of a vector that was built from elements is built from some of them.
struct SliceOfElements : OpRewritePattern<vector::ExtractStridedSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(vector::ExtractStridedSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto source = op.getSource().getDefiningOp<vector::FromElementsOp>();
    if (!source || op.getType().getRank() != 1)
      return failure();
    int64_t offset = cast<IntegerAttr>(op.getOffsets()[0]).getInt();
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(
        op, op.getType(),
        source.getElements().slice(offset, op.getType().getNumElements()));
    return success();
  }
};

struct ConvertSparseGPUToNVVMPass
    : mlir::spmmplu::impl::ConvertSparseGPUToNVVMBase<
          ConvertSparseGPUToNVVMPass> {
  void runOnOperation() override {
    Operation *root = getOperation();
    WalkResult walked = root->walk([](Operation *op) -> WalkResult {
      return llvm::TypeSwitch<Operation *, LogicalResult>(op)
          .Case([](MmaOp mma) { return convertMma(mma); })
          .Case([](WgmmaOp wgmma) { return convertWgmma(wgmma); })
          .Case([](WgmmaWaitOp wait) { return convertWgmmaWait(wait); })
          .Case([](RoundTF32Op round) { return convertRound(round); })
          .Case([](math::Exp2Op exp2) { return convertExp2(exp2); })
          .Case([](math::FmaOp fma) { return convertFma(fma); })
          .Case([](LLVM::AtomicRMWOp atomic) { return convertAtomic(atomic); })
          .Case([](NVVM::GriddepcontrolOp dependency) {
            return convertGridDependency(dependency);
          })
          .Case([](gpu::GPUFuncOp kernel) { return convertKernel(kernel); })
          .Default(success());
    });
    if (walked.wasInterrupted() || failed(splitCarriedVectors(root)))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    patterns.add<SliceOfElements>(&getContext());
    vector::FromElementsOp::getCanonicalizationPatterns(patterns,
                                                        &getContext());
    vector::ExtractOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(root, std::move(patterns))))
      return signalPassFailure();
  }
};

} // namespace
