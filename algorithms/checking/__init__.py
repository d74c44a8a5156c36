"""An author's check of an algorithm: does its program fit what is declared, and its answers their references?"""
